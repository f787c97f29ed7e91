"""Opens applications in a frame of the project's own pages, as the vendor's portal does."""
