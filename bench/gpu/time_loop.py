"""What a GPU user runs today, timed on the same GPU as `leanspike bench gpu`: SpikingBERT_4's forward pass in PyTorch.

    python3 bench/gpu/time_loop.py [--device cuda] [--json FILE]

Two orders of the same operations, from token ids to logits: `loop`, one timestep after the other as the authors of SpikingBERT run
theirs, and `folded`, all timesteps of a layer in one product and then a scan over them. That they are the same is checked first, in
float64. Each is timed in float32 (PyTorch's default: no TF32) and fp16; as written, and captured into a CUDA graph, which takes away the
time Python needs to launch; eager PyTorch, no torch.compile. Random weights; no mask, since no batch has padding. Device time by events, median and quartiles in
milliseconds.
"""
import argparse
import json
import math
import statistics
import time

import torch
import torch.nn.functional as F

D, HEADS, WIDE, LAYERS, VOCABULARY = 768, 12, 3072, 4, 30522


class Layer:
    def __init__(self, make):
        self.query, self.key, self.value, self.attended = (make(D, D) for _ in range(4))
        self.up, self.down = make(WIDE, D), make(D, WIDE)


def norm(x):
    return F.layer_norm(x, (D,), eps=1e-12)


def attend(query, key, value):
    """[n, L, d] each."""
    n, length, _ = query.shape
    q, k, v = (x.view(n, length, HEADS, D // HEADS).transpose(1, 2) for x in (query, key, value))
    p = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(D // HEADS), -1)
    return (p @ v).transpose(1, 2).reshape(n, length, D)


class Model:
    def __init__(self, device, dtype):
        generator = torch.Generator().manual_seed(1)

        def make(outputs, inputs):
            bound = 2 / math.sqrt(inputs)
            weight = torch.empty(outputs, inputs).uniform_(-bound, bound, generator=generator)
            return weight.to(device, dtype), torch.zeros(outputs, device=device, dtype=dtype)

        self.device, self.dtype = device, dtype
        self.words = make(VOCABULARY, D)[0]
        self.layers = [Layer(make) for _ in range(LAYERS)]
        self.classifier = make(2, D)

    @staticmethod
    def spike(potential, current):
        """One step of a population, its potential in place."""
        potential.add_(current)
        spikes = (potential >= 1).to(current.dtype)
        potential.sub_(spikes)
        return spikes

    def scan(self, currents):
        """All steps of a population: [T, ...] currents to spikes."""
        potential = torch.zeros_like(currents[0])
        return torch.stack([self.spike(potential, current) for current in currents])

    def layer(self, layer, x, neurons):
        """neurons(name, current) makes spikes."""
        key = neurons("key", F.linear(x, *layer.key))
        value = neurons("value", F.linear(x, *layer.value))
        context = neurons("context", attend(F.linear(x, *layer.query), key, value))
        middle = neurons("attended", norm(F.linear(context, *layer.attended) + x))
        wide = neurons("up", F.gelu(F.linear(middle, *layer.up)))
        return neurons("down", norm(F.linear(wide, *layer.down) + middle))

    def loop(self, ids, timesteps):
        current = norm(F.embedding(ids, self.words))
        potentials = {}

        def neurons(number):
            def step(name, current):
                at = (number, name)
                if at not in potentials:
                    potentials[at] = torch.zeros_like(current)
                return self.spike(potentials[at], current)
            return step

        total = torch.zeros_like(current)
        for _ in range(timesteps):
            x = neurons(-1)("embedding", current)
            for number, layer in enumerate(self.layers):
                x = self.layer(layer, x, neurons(number))
            total += x
        return F.linear(total[:, 0] / timesteps, *self.classifier)

    def folded(self, ids, timesteps):
        current = norm(F.embedding(ids, self.words))
        n, length, _ = current.shape

        def neurons(_, currents):
            return self.scan(currents.view(timesteps, n, length, -1)).view(timesteps * n, length, -1)

        x = self.scan(current.expand(timesteps, -1, -1, -1)).view(timesteps * n, length, D)
        for layer in self.layers:
            x = self.layer(layer, x, neurons)
        rates = x.view(timesteps, n, length, D)[:, :, 0].mean(0)
        return F.linear(rates, *self.classifier)


def timed(run, on_gpu, seconds):
    """Milliseconds of one pass: at least 5 of them, and as many as fill the seconds."""
    times, began = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - began < seconds:
        if on_gpu:
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            start.record()
            run()
            end.record()
            end.synchronize()
            times.append(start.elapsed_time(end))
        else:
            start = time.perf_counter()
            run()
            times.append(1e3 * (time.perf_counter() - start))
    low, middle, high = statistics.quantiles(times, n=4, method="inclusive")
    return {"median": middle, "lowerQuartile": low, "upperQuartile": high, "samples": len(times)}


def graphed(run):
    """The same as one CUDA graph."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            run()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return graph.replay


def check(device):
    """Ends the program where the two orders differ."""
    with torch.inference_mode():
        model = Model(device, torch.float64)
        ids = torch.randint(VOCABULARY, (2, 16), generator=torch.Generator().manual_seed(3)).to(device)
        for timesteps in (1, 5):
            loop, folded = model.loop(ids, timesteps), model.folded(ids, timesteps)
            if not torch.allclose(loop, folded, atol=1e-9):
                raise SystemExit(f"T = {timesteps}: the two orders give {loop.tolist()} and {folded.tolist()}; nothing is timed")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--device", default="cuda")
    options.add_argument("--length", type=int, default=128)
    options.add_argument("--batches", default="1,32")
    options.add_argument("--timesteps", default="1,2,4,16")
    options.add_argument("--seconds", type=float, default=0.2, help="of measuring a figure")
    options.add_argument("--json", help="add JSON lines to this file")
    chosen = options.parse_args()
    device = torch.device(chosen.device)
    on_gpu = device.type == "cuda"
    if on_gpu and not torch.cuda.is_available():
        options.error("PyTorch finds no NVIDIA GPU here; --device cpu runs without")
    if on_gpu:
        torch.cuda.set_device(device.index or 0)
    name = torch.cuda.get_device_name() if on_gpu else "CPU"
    check(device)
    print(f"{name}, PyTorch {torch.__version__}; milliseconds of a forward pass, median (quartiles)")
    for dtype in (torch.float32, torch.float16) if on_gpu else (torch.float32,):
        with torch.inference_mode():
            model = Model(device, dtype)
            for sequences in map(int, chosen.batches.split(",")):
                ids = torch.randint(VOCABULARY, (sequences, chosen.length), generator=torch.Generator().manual_seed(2)).to(device)
                for timesteps in map(int, chosen.timesteps.split(",")):
                    for order in ("loop", "folded"):
                        def run(order=order):
                            return getattr(model, order)(ids, timesteps)
                        for graph in (False, True) if on_gpu else (False,):
                            pass_ = graphed(run) if graph else run
                            pass_()
                            figures = timed(pass_, on_gpu, chosen.seconds)
                            what = f"{str(dtype).removeprefix('torch.')} {order}{', graph' if graph else ''}"
                            print(f"batch {sequences}, T = {timesteps}: {what} {figures['median']:.3f} "
                                  f"({figures['lowerQuartile']:.3f}..{figures['upperQuartile']:.3f})", flush=True)
                            if chosen.json:
                                line = {"schema": "leanspike.gpu-peer/1", "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                                        "device": name, "torch": torch.__version__, "shape": "spikingbert-4", "length": chosen.length,
                                        "precision": str(dtype).removeprefix("torch."), "order": order, "graph": graph,
                                        "sequences": sequences, "timesteps": timesteps, "milliseconds": figures}
                                with open(chosen.json, "a", encoding="utf-8") as lines:
                                    lines.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
