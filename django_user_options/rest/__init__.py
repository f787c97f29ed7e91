"""REST methods over HTTP, as clients of the vendor Bitrix24 call them."""
