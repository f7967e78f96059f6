"""The board over HTTP: the published log, the posts of board and registrar, pages for everybody."""
