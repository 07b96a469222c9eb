using System.IO.Pipelines;

namespace RawWs.Transport;

/// <summary>
/// A connection that another server has accepted and shows as a pair of pipes, such as the <c>ConnectionContext.Transport</c> of Kestrel. Whatever the pipes
/// throw when the connection breaks becomes the <see cref="IOException"/> that <see cref="TransportConnection"/> promises.
/// </summary>
/// <remarks>
/// The pipes keep the rest of the contract of <see cref="TransportConnection"/>: in particular, the memory that the input hands out is writable, as that of a
/// <see cref="Pipe"/> is, because payloads are unmasked where they lie.
/// </remarks>
public abstract class DuplexPipeConnection : TransportConnection
{
    /// <summary>Makes a connection of two pipes, which are its own from now on: it completes them when it is disposed.</summary>
    /// <param name="pipes">What the peer sends, and what goes to it.</param>
    protected DuplexPipeConnection(IDuplexPipe pipes)
    {
        ArgumentNullException.ThrowIfNull(pipes);
        Input = new ForeignReader(pipes.Input);
        Output = new ForeignWriter(pipes.Output);
    }

    /// <inheritdoc/>
    public sealed override PipeReader Input { get; }

    /// <inheritdoc/>
    public sealed override PipeWriter Output { get; }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        try
        {
            await Output.CompleteAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // What was not sent yet never will be: the connection broke before it was given back.
        }
        finally
        {
            await Input.CompleteAsync().ConfigureAwait(false);
        }
    }
}
