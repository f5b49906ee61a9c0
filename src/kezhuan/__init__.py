"""科转 Kezhuan: a city's system for turning research results into products."""

__version__ = "0.1.0"
