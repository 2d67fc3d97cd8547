"""The API: `/api/v1/`, for programs. A token and nothing else opens it; see docs/api.md."""
