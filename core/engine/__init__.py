"""One owner of the weights: any λ of any loaded pair. Imports nothing on purpose."""
