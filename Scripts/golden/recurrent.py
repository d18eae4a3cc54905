#!/usr/bin/env python3
"""Writes Tests/PithTrainingTests/Fixtures/lstm.{onnx,json}: a classifier of sequences by two layers
of LSTM, and five training steps of it by PyTorch.

Needs torch==2.15.0, onnx==1.21.0, numpy==2.4.6.
"""
import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

import training
from training import OUT, steps

STEPS, FEATURES, HIDDEN, CLASSES = 12, 10, 24, 10


class Classifier(nn.Module):
    """Parameters as ONNX has them: gates in the order input, output, forget, cell."""
    image = (STEPS, FEATURES)

    def __init__(self):
        super().__init__()
        for layer, width in [("first", FEATURES), ("second", HIDDEN)]:
            self.register_parameter(f"{layer}_w", nn.Parameter(torch.zeros(1, 4 * HIDDEN, width)))
            self.register_parameter(f"{layer}_r", nn.Parameter(torch.zeros(1, 4 * HIDDEN, HIDDEN)))
            self.register_parameter(f"{layer}_b", nn.Parameter(torch.zeros(1, 8 * HIDDEN)))
        self.fc = nn.Linear(HIDDEN, CLASSES)

    def layer(self, x, name):
        w, r, b = (getattr(self, f"{name}_{part}")[0] for part in "wrb")
        h = c = torch.zeros(x.shape[0], HIDDEN, dtype=x.dtype)
        states = []
        for step in range(x.shape[1]):
            gates = x[:, step] @ w.T + h @ r.T + b[:4 * HIDDEN] + b[4 * HIDDEN:]
            i, o, f, g = gates.chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            states.append(h)
        return torch.stack(states, 1)

    def forward(self, x):
        return self.fc(self.layer(self.layer(x, "first"), "second")[:, -1])


def initialize(model, plainly=training.initialize):
    """As other networks; the axis of gates is none of those that are summed over."""
    state = plainly(model)
    for name, value in state.items():
        if name.endswith(("_w", "_r")):
            value.mul_((4 * HIDDEN) ** 0.5)
    return state


def save(model):
    initialize(model)
    weights = [numpy_helper.from_array(value.float().numpy(), name)
               for name, value in model.state_dict().items()]
    axes = [numpy_helper.from_array(np.array([axis]), f"axis{axis}") for axis in (0, 1)]
    nodes = [
        helper.make_node("Transpose", ["x"], ["sequence"], perm=[1, 0, 2]),
        helper.make_node("LSTM", ["sequence", "first_w", "first_r", "first_b"], ["states"],
                         name="first", hidden_size=HIDDEN),
        helper.make_node("Squeeze", ["states", "axis1"], ["between"]),
        helper.make_node("LSTM", ["between", "second_w", "second_r", "second_b"], ["", "last"],
                         name="second", hidden_size=HIDDEN),
        helper.make_node("Squeeze", ["last", "axis0"], ["code"]),
        helper.make_node("Gemm", ["code", "fc.weight", "fc.bias"], ["logits"], name="fc", transB=1),
    ]
    graph = helper.make_graph(
        nodes, "lstm",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", STEPS, FEATURES])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", CLASSES])],
        weights + axes)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(made, full_check=True)
    onnx.save(made, OUT / "lstm.onnx")


if __name__ == "__main__":
    training.initialize = initialize
    model = Classifier()
    save(model)
    steps("lstm", model, rate=0.1, decay=0, seed=77)
