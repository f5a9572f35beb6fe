"""Money for credits, over Stripe: a checkout, what becomes of it, and proof that nothing was missed."""
