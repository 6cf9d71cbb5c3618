"""Django REST framework by the book: a model, its serializer, one view. No credentials, no reasons."""
