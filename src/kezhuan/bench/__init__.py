"""The matching engine beside its peers on the truth sets; peers are tools of development and stay out of service."""
