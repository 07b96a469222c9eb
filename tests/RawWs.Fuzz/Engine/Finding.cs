namespace RawWs.Fuzz;

/// <summary>An input that broke an invariant.</summary>
/// <param name="Target">The target that it broke it in.</param>
/// <param name="Origin">Where it came from: a file, or seed and iteration.</param>
/// <param name="Input">The input.</param>
/// <param name="Error">What was broken.</param>
internal sealed record Finding(FuzzTarget Target, string Origin, byte[] Input, Exception Error)
{
    /// <summary>What is broken in a line, without what differs between inputs that break the same.</summary>
    public string Kind => $"{Error.GetType().Name}: {Error.Message.Split(':', '\n')[0]}";
}
