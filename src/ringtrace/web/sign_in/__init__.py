"""Signing in: passwords, passkeys, second factors, a company's own provider, and the sessions that come of it.

django-allauth does the work; what stands here is where it meets the house: our addresses, our outbox, our audit log.
"""
