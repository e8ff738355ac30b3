"""Charts drawn with the painter: axes, bars, points and lines, legend, read-out."""
