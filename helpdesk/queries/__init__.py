"""Read models: frozen rows for pages and the API, never ORM objects; every read starts from visibility.py."""
