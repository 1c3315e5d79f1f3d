"""The background processes of Adapter Studio: server, catalog, jobs, workers."""
