"""Questions about journeys: what each model credits, which paths lead to a call, how long they take."""
