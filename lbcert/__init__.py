"""lbcert: training and certification for labour brands (劳务品牌), from an employer's order to a scanned certificate."""

__version__ = "0.1.0"
