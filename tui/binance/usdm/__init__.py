"""USD-M futures: endpoints, wire structs, and their translation to the domain."""
