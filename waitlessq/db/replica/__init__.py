"""The database backend of a replica: PostgreSQL's, but reads that fail there go to the primary."""
