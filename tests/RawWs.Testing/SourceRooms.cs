using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RawWs.Testing;

/// <summary>The rooms of a library: the folders of its source, and which of its types use what. What lies in no folder is in the room without a name.</summary>
public sealed class SourceRooms
{
    private readonly IReadOnlyList<TypeDefinition> _types;

    /// <summary>Looks at a library.</summary>
    /// <param name="assembly">The library as it was built.</param>
    /// <param name="project">The folder of its source below <c>src</c>.</param>
    public SourceRooms(Assembly assembly, string project)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var source = Path.Combine(RepositoryRoot.Path, "src", project);
        RoomsByType = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(source, file))
            .Where(file => RoomOf(file) is not ("obj" or "bin"))
            .Select(file => (Type: Path.GetFileName(file).Split('.')[0], Room: RoomOf(file)))
            .Distinct()
            .ToDictionary(pair => pair.Type, pair => pair.Room, StringComparer.Ordinal);
        _types = [.. ModuleDefinition.ReadModule(assembly.Location).Types.Where(type => type.Namespace.StartsWith("RawWs", StringComparison.Ordinal))];
    }

    /// <summary>The room of each file, by the name of its type.</summary>
    public IReadOnlyDictionary<string, string> RoomsByType { get; }

    /// <summary>The rooms, in order.</summary>
    public IReadOnlyList<string> Names => [.. RoomsByType.Values.Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Types that have no file of their name.</summary>
    public IReadOnlyList<string> Homeless => [.. _types.Select(NameOf).Where(name => !RoomsByType.ContainsKey(name))];

    /// <summary>Who uses a type of another room against the rules.</summary>
    /// <param name="mayUse">Whether a room may use a type of another one.</param>
    public IReadOnlyList<string> WrongArrows(Func<string, string, string, bool> mayUse)
    {
        ArgumentNullException.ThrowIfNull(mayUse);
        var arrows =
            from type in _types
            where RoomsByType.ContainsKey(NameOf(type))
            let room = RoomsByType[NameOf(type)]
            from used in UsedBy(type)
            let name = NameOf(used)
            where used.Scope == type.Module && RoomsByType.ContainsKey(name)
            let other = RoomsByType[name]
            where room != other && !mayUse(room, other, name)
            select $"{room}/{NameOf(type)} uses {other}/{name}";
        return [.. arrows.Distinct()];
    }

    /// <summary>Who uses something that its room must not know.</summary>
    /// <param name="mustNotKnow">By room, what the full names begin with.</param>
    public IReadOnlyList<string> Leaks(IReadOnlyDictionary<string, string[]> mustNotKnow)
    {
        ArgumentNullException.ThrowIfNull(mustNotKnow);
        var leaks =
            from type in _types
            where RoomsByType.ContainsKey(NameOf(type)) && mustNotKnow.ContainsKey(RoomsByType[NameOf(type)])
            from used in UsedBy(type)
            from forbidden in mustNotKnow[RoomsByType[NameOf(type)]]
            where used.FullName.StartsWith(forbidden, StringComparison.Ordinal)
            select $"{NameOf(type)} uses {used.FullName}";
        return [.. leaks.Distinct()];
    }

    private static string RoomOf(string file) => file.Split(Path.DirectorySeparatorChar) is [var room, _, ..] ? room : "";

    private static string NameOf(TypeReference type)
    {
        var outermost = type.GetElementType();
        while (outermost.DeclaringType is not null)
            outermost = outermost.DeclaringType;

        return outermost.Name.Split('`')[0];
    }

    private static IEnumerable<TypeReference> UsedBy(TypeDefinition type)
        => type.NestedTypes.SelectMany(UsedBy)
            .Concat(type.Interfaces.Select(implemented => implemented.InterfaceType))
            .Concat(type.BaseType is null ? [] : [type.BaseType])
            .Concat(type.Fields.Select(field => field.FieldType))
            .Concat(type.Methods.SelectMany(UsedBy))
            .SelectMany(WithArguments);

    private static IEnumerable<TypeReference> UsedBy(MethodDefinition method)
        => method.Parameters.Select(parameter => parameter.ParameterType)
            .Append(method.ReturnType)
            .Concat(method.HasBody ? method.Body.Variables.Select(variable => variable.VariableType) : [])
            .Concat(method.HasBody ? method.Body.Instructions.SelectMany(UsedBy) : []);

    private static IEnumerable<TypeReference> UsedBy(Instruction instruction) => instruction.Operand switch
    {
        TypeReference used => [used],
        MethodReference used => [used.DeclaringType, used.ReturnType, .. used.Parameters.Select(parameter => parameter.ParameterType)],
        FieldReference used => [used.DeclaringType, used.FieldType],
        _ => [],
    };

    private static IEnumerable<TypeReference> WithArguments(TypeReference type)
        => type is GenericInstanceType generic ? generic.GenericArguments.SelectMany(WithArguments).Append(type) : [type];
}
