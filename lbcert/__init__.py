"""lbcert: training and certification for labour brands (劳务品牌), from the order to the scan."""

__version__ = "0.1.0"
