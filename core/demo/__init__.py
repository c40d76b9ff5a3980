"""How the embedded pair is made, and the pair itself."""
