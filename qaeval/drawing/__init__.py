"""What the plots are drawn with: ``fonts``, on them the ``look`` of all figures, and on it ``forest`` plots."""
