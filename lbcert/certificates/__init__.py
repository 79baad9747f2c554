"""Certificates: numbers, signed tokens, QR codes, rendering, status and verification."""
