"""Pages on which people see, download and erase what applications keep about them."""
