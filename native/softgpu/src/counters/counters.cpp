// Sums tallies of single instructions into classes.
#include "counters.h"

#include "../exec/warp.h"
#include "../program/program.h"

namespace softgpu {
namespace {

void add_global(RequestCounters &to, const Tally &t) {
    to.requests += t.executed;
    to.lanes += t.lanes;
    to.bytes += t.bytes;
    to.sectors += t.sectors;
}
void add_shared(SharedCounters &to, const Tally &t) {
    to.requests += t.executed;
    to.bytes += t.shared_bytes;
    to.wavefronts += t.wavefronts;
    to.ideal += t.ideal;
}

// A cp.async reads global and writes shared memory; a generic access may be either.
void add_memory(KernelCounters &to, const Instruction &in, const Tally &t) {
    bool store = in.kind == Kind::StoreGlobal || in.kind == Kind::StoreShared, atomic = in.kind == Kind::Atomic;
    if (in.kind == Kind::AsyncCopy) {
        add_global(to.global_load, t);
        add_shared(to.shared_store, t);
    } else if (t.shared_bytes) {
        add_shared(atomic ? to.shared_atomic : store ? to.shared_store : to.shared_load, t);
    }
    if (in.kind != Kind::AsyncCopy && t.bytes) add_global(atomic ? to.global_atomic : store ? to.global_store : to.global_load, t);
}

} // namespace

void KernelCounters::add(const Program &program, const std::vector<Tally> &tally) {
    for (std::size_t i = 0; i < program.code.size(); i++) {
        const Instruction &in = program.code[i];
        const Tally &t = tally[i];
        if (!t.issued || in.kind == Kind::Synthetic) continue;
        issued[static_cast<int>(in.kind)] += t.issued;
        lanes[static_cast<int>(in.kind)] += t.lanes;
        lines[in.line][program.texts[i]] += t.issued;
        switch (in.kind) {
        case Kind::LoadGlobal: case Kind::StoreGlobal: case Kind::LoadShared: case Kind::StoreShared: case Kind::Atomic: case Kind::MatrixLoad:
            add_memory(*this, in, t);
            break;
        case Kind::AsyncCopy:
            if (in.width) add_memory(*this, in, t);
            break;
        case Kind::LoadConstant:
            if (in.space == AccessSpace::Global) add_global(global_load, t);
            break;
        case Kind::Control:
            branches += t.issued;
            divergent_branches += t.divergent;
            break;
        case Kind::Barrier: barriers += t.issued; break;
        case Kind::Matrix: matrix[program.texts[i].substr(0, program.texts[i].find_first_of(" \t\n"))] += t.issued; break;
        default: break;
        }
    }
}

void KernelCounters::add(const KernelCounters &o) {
    launches += o.launches;
    blocks += o.blocks;
    threads += o.threads;
    for (int k = 0; k < static_cast<int>(Kind::Count); k++) {
        issued[k] += o.issued[k];
        lanes[k] += o.lanes[k];
    }
    auto global = [](RequestCounters &a, const RequestCounters &b) {
        a.requests += b.requests;
        a.lanes += b.lanes;
        a.bytes += b.bytes;
        a.sectors += b.sectors;
    };
    auto shared = [](SharedCounters &a, const SharedCounters &b) {
        a.requests += b.requests;
        a.bytes += b.bytes;
        a.wavefronts += b.wavefronts;
        a.ideal += b.ideal;
    };
    global(global_load, o.global_load);
    global(global_store, o.global_store);
    global(global_atomic, o.global_atomic);
    shared(shared_load, o.shared_load);
    shared(shared_store, o.shared_store);
    shared(shared_atomic, o.shared_atomic);
    branches += o.branches;
    divergent_branches += o.divergent_branches;
    barriers += o.barriers;
    for (const auto &[name, count] : o.matrix) matrix[name] += count;
    traffic.distinct_read += o.traffic.distinct_read;
    traffic.distinct_written += o.traffic.distinct_written;
    traffic.l2_reads += o.traffic.l2_reads;
    traffic.l2_writes += o.traffic.l2_writes;
    traffic.dram_read += o.traffic.dram_read;
    traffic.dram_written += o.traffic.dram_written;
    for (const auto &[line, statements] : o.lines)
        for (const auto &[text, count] : statements) lines[line][text] += count;
}

const char *kind_name(Kind kind) {
    static const char *const names[] = {"integer", "float", "half", "double", "compare", "move", "conversion", "matrix", "matrix_load",
                                        "load_global", "store_global", "load_shared", "store_shared", "load_local", "store_local",
                                        "load_constant", "atomic", "async_copy", "exchange", "barrier", "fence", "control", "synthetic"};
    static_assert(sizeof names / sizeof *names == static_cast<std::size_t>(Kind::Count));
    return names[static_cast<int>(kind)];
}

} // namespace softgpu
