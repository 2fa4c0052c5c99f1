"""The audit: alter every fact of a page, one at a time, and see whether its checks notice."""
