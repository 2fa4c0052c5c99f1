"""What other libraries do with a mask: asked of each, recorded, and asked again by `make models`."""
