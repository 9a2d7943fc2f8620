"""The algorithm as one function: what is known of a run, and the next point."""

from bayesopt.output import Objective as Objective
from bayesopt.output import OutcomeConstraint as OutcomeConstraint
from bayesopt.output import Output as Output
from bayesopt.problem import Problem as Problem
from bayesopt.strategy.algorithm import Cache as Cache
from bayesopt.strategy.algorithm import Proposal as Proposal
from bayesopt.strategy.algorithm import fit as fit
from bayesopt.strategy.algorithm import propose as propose
from bayesopt.strategy.config import ProposalConfig as ProposalConfig
from bayesopt.strategy.data import Measured as Measured
from bayesopt.strategy.data import RunData as RunData
from bayesopt.strategy.gain import expected_gains as expected_gains
from bayesopt.strategy.model import RunModel as RunModel
from bayesopt.strategy.partial import with_partial as with_partial
