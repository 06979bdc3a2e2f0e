"""Haqdar: finds every person entitled to a benefit, pays it every month and explains every rupee."""

__version__ = "0.1.0"
