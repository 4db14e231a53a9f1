// Contexts: creation and its refusals, error texts by thread, many callers on one context, the structures' layout.
#include <atomic>
#include <chrono>
#include <thread>

#include "reference.hpp"

using namespace test;

namespace {

void creation_refuses_what_cannot_be() {
    leanspike_context *context = nullptr;
    for (const int32_t threads : {0, -1, 1025}) {
        expect(leanspike_context_create(threads, LEANSPIKE_VARIANT_BEST, &context) == LEANSPIKE_BAD_ARGUMENT, "context_create", text("threads ", threads));
        expect(last_error().find("threads") != std::string::npos && context == nullptr, "context_create", last_error());
    }
    for (const int32_t variant : {-2, 5, 1000})
        expect(leanspike_context_create(1, variant, &context) == LEANSPIKE_BAD_ARGUMENT, "context_create", text("variant ", variant));
    expect(leanspike_context_create(1, LEANSPIKE_VARIANT_BEST, nullptr) == LEANSPIKE_BAD_ARGUMENT, "context_create", "null context");
    expect(leanspike_context_destroy(nullptr) == LEANSPIKE_BAD_ARGUMENT, "context_destroy", "null context");
    int32_t variant = 0;
    expect(leanspike_context_variant(nullptr, &variant) == LEANSPIKE_BAD_ARGUMENT, "context_variant", "null context");
    for (const int32_t v : {-1, 5}) expect(leanspike_variant_supported(v) == 0, "variant_supported", text("variant ", v));
    for (int32_t v = LEANSPIKE_VARIANT_SCALAR; v <= LEANSPIKE_VARIANT_AVX512_VPOPCNTDQ; ++v)
        if (leanspike_variant_supported(v) == 0)
            expect(leanspike_context_create(1, v, &context) == LEANSPIKE_UNSUPPORTED && context == nullptr, "context_create", text("variant ", v));
}

void a_context_runs_the_variant_it_says() {
    for (const int32_t variant : variants()) {
        const Context context(1, variant);
        int32_t said = -1;
        expect_ok(leanspike_context_variant(context, &said), "context_variant");
        expect(said == variant, "context_variant", text("says ", said, " of ", variant));
    }
    const Context best(1, LEANSPIKE_VARIANT_BEST);
    int32_t said = -1;
    expect_ok(leanspike_context_variant(best, &said), "context_variant");
    expect(said == variants().back(), "context_variant", "best is not the last that is supported");
    expect(leanspike_context_variant(best, nullptr) == LEANSPIKE_BAD_ARGUMENT, "context_variant", "null variant");
}

void contexts_come_and_go() {
    for (int i = 0; i < 50; ++i) {
        const Context idle(1 + i % 5, LEANSPIKE_VARIANT_BEST);
    }
}

// A small product whose result the caller knows.
struct Work {
    Random random{7000};
    Spikes input = Spikes::random(random, 20, 4, 100, 0.2);
    Stored weights{random, 130, 100, LEANSPIKE_F32, 0.3};
    std::vector<float> bias = random.uniforms(130, 0, 0.2);

    Spikes run(leanspike_context *context, const Packed &packed) const {
        Spikes spikes(20, 4, 130);
        leanspike_spike_matmul_args args = {};
        args.input = input.data.data();
        args.packed = packed.get();
        args.bias = bias.data();
        args.neuron = {1.0f, 1.0f, 0.0f, LEANSPIKE_RESET_SOFT};
        args.rows = 20;
        args.inputs = 100;
        args.outputs = 130;
        args.timesteps = 4;
        args.epilogue = LEANSPIKE_EPILOGUE_GELU_MEMBRANE;
        args.spikes = spikes.data.data();
        expect_ok(leanspike_spike_matmul(context, &args), "spike_matmul of many callers");
        return spikes;
    }
};

void many_callers_share_a_context() {
    const Work work;
    const Context context(3, LEANSPIKE_VARIANT_BEST);
    const Packed packed(context, work.weights.matrix, "pack_weights");
    const Spikes want = work.run(context, packed);
    std::atomic<int> wrong{0};
    std::vector<std::thread> callers;
    for (int i = 0; i < 6; ++i)
        callers.emplace_back([&] {
            for (int n = 0; n < 100; ++n)
                if (work.run(context, packed).data != want.data) ++wrong;
        });
    for (std::thread &caller : callers) caller.join();
    expect(wrong == 0, "many callers", text(wrong.load(), " results differ"));
}

// Workers that spin, that sleep by now, and that are more than the processors.
void workers_are_found_in_every_state() {
    const Work work;
    for (const int32_t threads : {2, 3, 24}) {
        const Context context(threads, LEANSPIKE_VARIANT_BEST);
        const Packed packed(context, work.weights.matrix, "pack_weights");
        const Spikes want = work.run(context, packed);
        for (int n = 0; n < 200; ++n) {
            if (n % 10 == 0) std::this_thread::sleep_for(std::chrono::microseconds(n * 10));
            expect(work.run(context, packed).data == want.data, "states of workers", text(threads, " threads, operation ", n));
        }
    }
}

void error_texts_belong_to_their_thread() {
    expect(leanspike_context_destroy(nullptr) == LEANSPIKE_BAD_ARGUMENT, "last_error", "status");
    const std::string mine = last_error();
    std::string others = "?";
    std::thread([&others] { others = last_error(); }).join();
    expect(mine.find("context_destroy") != std::string::npos, "last_error", mine);
    expect(others.empty(), "last_error", "another thread sees: " + others);
    char cut[6] = "?????";
    expect(leanspike_last_error(cut, sizeof cut) == static_cast<int32_t>(mine.size()), "last_error", "length");
    expect(std::string(cut) == mine.substr(0, 5), "last_error", text("cut to ", cut));
    expect(leanspike_last_error(nullptr, 0) == static_cast<int32_t>(mine.size()), "last_error", "length without a buffer");
}

// The list holds, structure by structure, a size and then rising offsets below it.
void the_layout_is_well_formed() {
    const int32_t length = leanspike_abi_layout(nullptr, 0);
    std::vector<int64_t> layout(static_cast<size_t>(length) + 1, -1);
    expect(leanspike_abi_layout(layout.data(), length) == length && layout.back() == -1, "abi_layout", "length");
    const size_t fields[] = {4, 6, 4, 4, 12, 16, 14, 7, 6, 8, 11, 11, 10, 12, 14};
    size_t at = 0;
    for (const size_t count : fields) {
        const int64_t size = layout[at++];
        for (size_t i = 0; i < count; ++i, ++at)
            expect((i == 0 ? layout[at] == 0 : layout[at] > layout[at - 1]) && layout[at] < size, "abi_layout", text("entry ", at));
    }
    expect(at == static_cast<size_t>(length), "abi_layout", text(length, " entries, structures have ", at));
    expect(layout[0] == sizeof(leanspike_neuron) && leanspike_abi_version() == LEANSPIKE_ABI_VERSION, "abi_layout", "first entry");
    char features[256];
    expect(leanspike_cpu_features(features, sizeof features) >= 0, "cpu_features", last_error());
}

} // namespace

int main() {
    error_texts_belong_to_their_thread();
    creation_refuses_what_cannot_be();
    a_context_runs_the_variant_it_says();
    contexts_come_and_go();
    many_callers_share_a_context();
    workers_are_found_in_every_state();
    the_layout_is_well_formed();
    return finish("context");
}
