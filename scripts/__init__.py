"""Tools for developers; the product imports none of them."""
