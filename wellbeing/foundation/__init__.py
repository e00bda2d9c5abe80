"""The ground: what carries every room and knows none of them."""
