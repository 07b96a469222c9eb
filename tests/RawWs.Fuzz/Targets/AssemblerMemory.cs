using System.Runtime.CompilerServices;
using RawWs.Protocol;

namespace RawWs.Fuzz;

/// <summary>What a <see cref="MessageAssembler"/> keeps a message in: nothing that its users may see, and just what a peer may try to blow up.</summary>
internal static class AssemblerMemory
{
    public static IEnumerable<PayloadBuffer> Of(MessageAssembler assembler)
    {
        if (Collected(assembler) is { } collected)
            yield return collected;

        if (Delivered(assembler) is { } delivered)
            yield return delivered;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_collected")]
    private static extern ref PayloadBuffer? Collected(MessageAssembler assembler);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_delivered")]
    private static extern ref PayloadBuffer? Delivered(MessageAssembler assembler);
}
