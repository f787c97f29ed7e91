"""What applications keep about me: pages for the person themself, by `include()`."""
