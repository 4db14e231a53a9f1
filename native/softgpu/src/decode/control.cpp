// Branches, calls, returns, barriers, fences.
#include "../run/control.h"
#include "decoding.h"

namespace softgpu {
namespace {

void branch(Decoding &d) {
    d.modifiers.take("uni");
    d.finish();
    d.in.always = true;
    const Operand &to = d.operand(0);
    if (to.kind != OperandKind::Name) d.fail("a label is needed");
    d.emit(control::branch, Kind::Control, Flow::Jump, {d.routine.statement_of(to.name, d.statement.line)});
}

void branch_indexed(Decoding &d) {
    d.modifiers.take_all({"idx", "uni"});
    d.finish();
    if (d.statement.guard >= 0) d.unsupported("a guarded brx.idx");
    const auto &lists = d.routine.routine().branch_targets;
    auto list = lists.find(d.operand(1).name);
    if (list == lists.end()) d.fail("unknown branch targets");
    std::vector<uint32_t> targets;
    for (const std::string &label : list->second) targets.push_back(d.routine.statement_of(label, d.statement.line));
    d.in.operand[1] = d.source(0, Type::U32);
    d.in.immediate = static_cast<int64_t>(targets.size());
    d.emit(control::branch_indexed, Kind::Control, Flow::Choose, std::move(targets));
}

void return_from(Decoding &d) {
    d.modifiers.take("uni");
    d.finish();
    d.emit(control::leave_routine, Kind::Control, Flow::Leave);
}
void leave(Decoding &d) {
    d.finish();
    d.emit(control::leave_kernel, Kind::Control, Flow::Leave);
}
void trap(Decoding &d) {
    d.finish();
    d.emit(control::trap, Kind::Control, Flow::Leave);
}

std::vector<LaneArea> areas(Decoding &d, const Operand &list) {
    std::vector<LaneArea> result;
    if (list.kind != OperandKind::List) d.fail("a list of parameters is needed");
    for (const Operand &op : list.parts) {
        if (op.kind != OperandKind::Local) d.unsupported("a parameter that is not a .param variable");
        const LaneArea &area = d.routine.frame().areas[static_cast<std::size_t>(op.index)];
        if (area.stride == 0) d.fail("a parameter of the kernel passed on by name");
        result.push_back(area);
    }
    return result;
}

// call (result), function, (arguments); results and arguments may be absent
void call(Decoding &d) {
    d.modifiers.take("uni");
    d.finish();
    CallSite site;
    std::size_t at = 0;
    if (d.operand(0).kind == OperandKind::List) site.results = areas(d, d.operand(at++));
    const Operand &callee = d.operand(at++);
    if (callee.kind == OperandKind::Register) {
        site.operand = d.source(callee, Type::B64);
    } else {
        auto found = d.routine.scope().routine_index.find(callee.name);
        if (callee.kind != OperandKind::Name || found == d.routine.scope().routine_index.end()) d.fail("unknown function");
        site.routine = found->second;
    }
    if (at < d.count() && d.operand(at).kind == OperandKind::List) site.arguments = areas(d, d.operand(at));
    d.in.target = static_cast<uint32_t>(d.routine.program().calls.size());
    d.routine.program().calls.push_back(std::move(site));
    d.emit(control::call, Kind::Control);
}

void barrier_operands(Decoding &d, std::size_t first, bool aligned) {
    d.in.operand[0] = d.source(first, Type::U32);
    if (d.count() > first + 1) {
        const Operand &count = d.operand(first + 1);
        bool predicate = count.kind == OperandKind::Register && d.routine.register_type(count.index) == Type::Pred;
        if (!predicate) d.in.operand[1] = d.source(first + 1, Type::U32);
    }
    d.in.detail |= aligned ? control::barrier_aligned : 0;
}

void barrier_reduction(Decoding &d, bool aligned) {
    int how = d.modifiers.take_one({"popc", "and", "or"});
    if (how < 0) d.fail("a barrier reduction without an operation");
    Type type = d.type();
    d.finish();
    barrier_operands(d, 1, aligned);
    const Operand &p = d.operand(d.count() - 1);
    bool negated;
    d.in.operand[3] = d.predicate_source(p, negated);
    d.in.detail |= negated ? control::barrier_negated : 0;
    d.in.mode = static_cast<uint8_t>(control::Popc + how);
    d.in.operand[2] = how == 0 ? d.destination(0, type) : d.predicate_destination(d.operand(0));
    d.emit(control::block_barrier, Kind::Barrier);
}

void barrier(Decoding &d) {
    if (d.modifiers.take("cluster")) d.unsupported("a cluster barrier");
    if (d.modifiers.take("warp")) {
        d.modifiers.take("sync");
        d.finish();
        d.in.operand[4] = d.source(0, Type::B32);
        return d.emit(control::warp_barrier, Kind::Barrier);
    }
    d.modifiers.take("cta");
    bool aligned = d.modifiers.take("aligned") || d.statement.opcode == "bar"; // bar is barrier.aligned
    if (d.modifiers.take("red")) return barrier_reduction(d, aligned);
    int how = d.modifiers.take_one({"sync", "arrive"});
    if (how < 0) d.fail("a barrier without .sync, .arrive or .red");
    d.finish();
    barrier_operands(d, 0, aligned);
    if (how == 1 && d.in.operand[1] == no_operand) d.fail("barrier.arrive needs a number of threads");
    d.in.mode = static_cast<uint8_t>(how == 0 ? control::Sync : control::Arrive);
    d.emit(control::block_barrier, Kind::Barrier);
}

void fence(Decoding &d) { d.emit(control::nothing, Kind::Fence); }

// fence.proxy.* and fence.mbarrier_init concern units that do not exist here
void proxied_fence(Decoding &d) {
    if (d.modifiers.first().starts_with("proxy") || d.modifiers.first().starts_with("mbarrier")) d.unsupported("this fence");
    fence(d);
}

void dependency(Decoding &d) { // grids run one after another
    if (d.modifiers.take_one({"launch_dependents", "wait"}) < 0) d.unsupported("this griddepcontrol");
    d.finish();
    d.emit(control::nothing, Kind::Fence);
}

} // namespace

std::span<const DecoderEntry> control_decoders() {
    static constexpr DecoderEntry table[] = {
        {"bra", branch}, {"brx", branch_indexed}, {"ret", return_from}, {"exit", leave}, {"trap", trap}, {"brkpt", fence}, {"call", call},
        {"bar", barrier}, {"barrier", barrier}, {"membar", fence}, {"fence", proxied_fence}, {"nanosleep", fence}, {"pmevent", fence},
        {"griddepcontrol", dependency},
    };
    return table;
}

} // namespace softgpu
