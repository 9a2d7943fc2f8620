"""A run's report: one page that shows what was found, how sure it is, and what to do next."""

from bayesopt.report.html_page import page as page
from bayesopt.report.html_page import write_report as write_report
