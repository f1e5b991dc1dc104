"""The HTTP face: one router a resource, the envelope, the middleware. Endpoints parse, call and wrap."""
