namespace RawWs.Fuzz;

/// <summary>
/// One thing that is fuzzed. A target is a class in <c>Targets/</c> with a constructor without parameters, and nothing else needs to know of it:
/// <see cref="FuzzTargets"/> finds it.
/// </summary>
internal abstract class FuzzTarget
{
    /// <summary>What it is called on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What is fuzzed and what must hold, in a line.</summary>
    public abstract string Description { get; }

    /// <summary>The folders of the corpus that its inputs come from.</summary>
    public abstract IReadOnlyList<string> CorpusFolders { get; }

    /// <summary>Makes and changes inputs with a sense for what they mean.</summary>
    public abstract InputGrammar Grammar { get; }

    /// <summary>Longer inputs are cut.</summary>
    public virtual int MaxInputLength => 4096;

    /// <summary>
    /// Bytes that one run may allocate on the thread that calls it, whatever the input announces: what a peer sends in a kilobyte must not cost
    /// megabytes. The fuzzer's own copies and transcripts count too.
    /// </summary>
    public virtual long AllocationBudget => 8 << 20;

    /// <summary>
    /// Whether inputs with a new behaviour join the corpus. Off where threads decide what happens first, for a seed must yield the same inputs
    /// each time.
    /// </summary>
    public virtual bool IsBehaviourRepeatable => true;

    /// <summary>How many inputs to run where somebody waits for the result, such as in a unit test.</summary>
    public virtual int ShortRunIterations => 1000;

    /// <summary>Runs one input, and depends on nothing else.</summary>
    /// <param name="input">The input; not to be changed.</param>
    /// <returns>The <see cref="Behaviour.Hash"/> of what happened.</returns>
    /// <exception cref="Exception">An invariant is broken: a <see cref="FindingException"/>, or whatever escaped from the code under test.</exception>
    public abstract ulong Run(byte[] input);
}
