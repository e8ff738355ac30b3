"""Objects as tables: columns, values as text, the model, the view, copying."""
