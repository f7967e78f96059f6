"""Documents to print: templates of Typst filled with data, in fonts that come with this package."""
