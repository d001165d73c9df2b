// What every page has: fragments by htmx.
import 'htmx.org';
