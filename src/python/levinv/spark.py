"""The inversion as a stage of PySpark's pipelines; needs PySpark, and levinv-spark.jar in Spark: spark-submit --jars."""

import sys

from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.util import JavaMLReadable, JavaMLWritable
from pyspark.ml.wrapper import JavaEstimator, JavaModel
from pyspark.sql.utils import is_remote

# PySpark finds the class of a stage that it reads by the name of its Java class.
_PACKAGE = "org.levinv.spark"
sys.modules.setdefault(_PACKAGE, sys.modules[__name__])


def _param(name, doc, converter=TypeConverters.toString):
    return Param(Params._dummy(), name, doc, converter)


def _java(name, *arguments):
    """A new Java object; the one error that everybody meets has a message."""
    if is_remote():
        raise RuntimeError("levinv: expected a session whose driver runs on this machine, got one of Spark Connect")
    try:
        return JavaModel._new_java_obj(_PACKAGE + "." + name, *arguments)
    except TypeError as e:  # 'JavaPackage' object is not callable
        raise RuntimeError(
            "levinv: expected levinv-spark.jar on the class path of Spark: start it with --jars or spark.jars"
        ) from e


class _Columns(Params):
    featuresCol = _param("featuresCol", "column of the rows of A: vectors or arrays")
    offsetCol = _param("offsetCol", "column of b")
    weightCol = _param("weightCol", "column of prior weights v > 0 of the rows, if any")
    slackCol = _param("slackCol", "column to add: slacks A x - b")
    predictionCol = _param("predictionCol", "column to add: leverage scores at x")


class LeverageInversion(JavaEstimator, _Columns, JavaMLReadable, JavaMLWritable):
    """LeverageInversion(signCol="sign", tol=1e-10, ...): finds x from the columns of a table; explainParams() tells of all."""

    __module__ = _PACKAGE

    leverageCol = _param("leverageCol", "column of the target leverage scores")
    signCol = _param("signCol", "column of numbers whose signs are those of A x - b, if any")
    signs = _param("signs", "auto, positive, negative or unknown")
    tol = _param("tol", "relative residual that counts as converged", TypeConverters.toFloat)
    maxIter = _param("maxIter", "limit on the steps of every stage", TypeConverters.toInt)
    maxWork = _param("maxWork", "limit in units of n d^2 flops", TypeConverters.toFloat)
    timeLimit = _param("timeLimit", "limit in seconds, if any", TypeConverters.toFloat)
    digits = _param("digits", "decimals that the scores were rounded to", TypeConverters.toInt)
    scoreError = _param("scoreError", "standard deviation of each score, if known", TypeConverters.toFloat)
    seed = _param("seed", "of the draws", TypeConverters.toInt)
    numPartitions = _param("numPartitions", "of the rows while they are worked on", TypeConverters.toInt)
    handleFailure = _param("handleFailure", "what a search without the answer is: error or keep")

    def __init__(self, **params):
        super().__init__()
        self._java_obj = _java("LeverageInversion", self.uid)
        self._transfer_params_from_java()  # the defaults
        self._set(**params)

    def setParams(self, **params):
        return self._set(**params)

    def _create_model(self, java_model):
        return LeverageInversionModel(java_model)


class LeverageInversionModel(JavaModel, _Columns, JavaMLReadable, JavaMLWritable):
    """The x that was found; transform() adds the columns slack and prediction, the leverage scores at x."""

    __module__ = _PACKAGE

    def __init__(self, java_model=None):
        super().__init__(java_model)
        if java_model is not None:
            self._transfer_params_from_java()

    def setParams(self, **params):
        return self._set(**params)

    @property
    def solution(self):
        """x, a DenseVector; None where the search ended before there was any."""
        return self._call_java("solution")

    @property
    def solutionError(self):
        """Standard errors of x, or None."""
        return self._call_java("solutionError")

    @property
    def status(self):
        return self._call_java("status")

    @property
    def message(self):
        return self._call_java("message")

    @property
    def isAnswer(self):
        return self._call_java("isAnswer")

    @property
    def relativeResidual(self):
        return self._call_java("relativeResidual")
