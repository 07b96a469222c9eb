using System.Diagnostics.CodeAnalysis;

namespace RawWs.Fuzz;

/// <summary>A target broke one of its invariants.</summary>
internal sealed class FindingException(string message) : Exception(message)
{
    public static void ThrowUnless([DoesNotReturnIf(false)] bool holds, string invariant)
    {
        if (!holds)
            throw new FindingException(invariant);
    }
}
