"""Search by Elasticsearch: the index, the questions it is asked, and what keeps it true to the database."""
