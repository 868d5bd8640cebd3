"""The benchmark: what a request costs in ferroway and in other proxies, measured side by side."""
