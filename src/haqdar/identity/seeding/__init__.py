"""Departments' lists tied to residents: read, cleansed, matched, judged, converged."""
