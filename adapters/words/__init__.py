"""Words as every search engine of ours knows them."""
