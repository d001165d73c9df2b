"""The tests are the specification: their names state the rules of the business."""
